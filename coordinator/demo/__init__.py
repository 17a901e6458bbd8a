"""The demo: a department's working day with partner sites, a Zalo sandbox and a Lotus-style platform on loopback."""
