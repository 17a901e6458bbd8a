"""What is wrong with what a command was given. Apart from ``place``, which brings all that most commands need along."""

import click


class BadInput(click.ClickException):
    """Something in a file or a feed is wrong; the message is shown as it is, ``FILE:ROW: what is wrong``."""
