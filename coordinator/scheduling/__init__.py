"""When jobs run: the clock, the embedded engine (one process) and the queued one (broker and workers).

Here belong ticks, threads, leadership and queues. What a job does, does not.
"""
