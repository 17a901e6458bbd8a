"""The licence register: reading its rows, planning an import, and writing it."""
