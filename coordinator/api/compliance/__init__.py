"""The API of compliance: findings, cases and decisions."""
