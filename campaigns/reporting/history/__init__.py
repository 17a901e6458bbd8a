"""What was reported for the time before the product was in use: kept apart, shown beside what is proven, compared
with, and never added to it."""
