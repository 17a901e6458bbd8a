"""When jobs run: the runner port, the embedded engine (one process) and the queued one (broker and workers).

Belongs here: ticks, threads, leadership, queues. Does not: what a job does.
"""
