"""The API of compliance: findings."""
