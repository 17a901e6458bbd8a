"""The outbox: deliveries and their attempts, claims, retries, unknown outcomes, broadcasts and WebSub subscriptions."""
