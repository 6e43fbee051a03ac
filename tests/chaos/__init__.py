"""The whole portal under fire: real processes, real HTTP, faults at random moments, then an audit.

`script/chaos --rounds N --seed S`. The seed decides which faults come and what people want; how their moments fall
together is the machine's.
"""
