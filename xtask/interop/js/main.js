// The AWS SDK for JavaScript against the local Chime: calls every operation of the services whose
// packages there are, and meets every exception as its class.
//
// The URL of the local Chime is the first argument.

import { meetings } from "./meetings.js";
import { pipelines } from "./pipelines.js";
import { summary } from "./world.js";

console.log(summary([await meetings(), await pipelines()]));
