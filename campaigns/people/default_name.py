"""The department's name before it was set up, for commands that run without a database too."""

DEFAULT_NAME = "Sở Thông tin thành phố"
