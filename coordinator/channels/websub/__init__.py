"""External WebSub hubs."""
