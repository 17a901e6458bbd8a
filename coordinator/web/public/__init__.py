"""The public part: bulletins, the copy kit, feeds, the counter image, the hub, Webmention, and health checks.

No user is signed in here and no cookie is set. What is visible is decided by ``campaigns.bulletins.visibility``. Two
paths show staff what is not released yet: pictures, by the browser session, and calendars, by a staff member's own key.
"""
