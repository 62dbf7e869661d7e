"""The main job, whole: a real LLM, watched until an alarm fires.

In:  which LLM to use, from the command line.
Out: a story on the screen, and a summary of what was counted.
"""
