// Calls every operation of the emulator with the AWS SDK for JavaScript, for the services that have a
// package, and checks that every exception arrives as its class.
//
// The first argument is the URL of the emulator.

import { meetings } from "./meetings.js";
import { pipelines } from "./pipelines.js";
import { summary } from "./world.js";

console.log(summary([await meetings(), await pipelines()]));
