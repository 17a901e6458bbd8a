"""A department's day on loopback: partner sites, a Zalo sandbox, a Lotus-style platform, and the script of the day."""
