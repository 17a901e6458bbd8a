"""What the API says of itself: the OpenAPI document, its examples and webhooks, and the reference page made from it."""
