// The worker's script: `build.js` bundles it, and the package starts workers from its
// text.

import * as modules from "../modules.js";
import { nodePort, webPort } from "./port.js";
import { serve } from "./serve.js";

// `node.js` puts it there.
const { montyParentPort } = globalThis;
serve(montyParentPort === undefined ? webPort() : nodePort(montyParentPort), modules);
