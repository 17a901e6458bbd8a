"""Words, numbers and dates as pages write them."""
