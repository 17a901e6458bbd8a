"""Jobs of delivery: deliveries, broadcasts, engagement figures, feeds, the WebSub hub."""
