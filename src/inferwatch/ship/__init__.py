"""Ship: records leave the process in the background, and every one of them is accounted for.

In:  `dict`, one flat record at a time, from capture: `shipper.Shipper.emit`, never blocking or raising.
Out: `PutLogEvents`, in batches that keep AWS's limits, to one log stream per process.

At any moment: accepted = delivered + waiting + rejected + dropped. Delivered means at least once: where the
answer to a request is lost, its batch is sent again and may be there twice; `writer` and `seq` tell.
Nothing is imported here: the sender needs third-party packages, its target and its reports do not.
"""
