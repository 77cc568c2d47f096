// A worker file of the program's own, with an `os` that only it has.

import { OsError, serve } from "monty-host/worker/serve";

const content = new TextEncoder().encode("from the worker");
serve({
  os: {
    stat: () => ({ size: content.length }),
    open() {},
    read(path) {
      if (path !== "/secret") throw new OsError("not-found");
      return content;
    },
  },
  tools: { shout: (text) => text.toUpperCase() },
});
