"""What outsiders see: bulletins, the copy kit, feeds, the counter image, the hub, Webmention, and signs of life.

Nobody is signed in here: no session is opened and no cookie is set. What is visible is decided by
``campaigns.publishing.release`` alone.
"""
