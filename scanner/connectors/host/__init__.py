"""The reader process: a damaged file may end it, but not the scan.

`connector` is the connector of such a source, in our process. `readers` starts and ends the processes.
`launcher` is the process that starts readers, by forking, and says how they ended. `reader` is a reader.
`errand` has a single file read in one. `calls` is what they are asked, `wire` how. One reader serves all
sources of a scan, a thread of it each call.
"""
