"""The staff's desk behind sign-in: one module a noun, each with its blueprint and its views.

Belongs here: reading a form, asking the domain within a session, handing frozen values to a template. Does not: rules,
counting (``campaigns.reporting``), sending anything, or markup (``templates``).

A noun with many acts has its table of addresses in one module (``bulletins``) and an act a module beside it
(``writing``, ``approving``, ``releasing``, ``correcting``, ``recalling``).
"""
