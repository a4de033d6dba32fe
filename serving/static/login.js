// Where a link led within a page (#example) is known to the browser alone: it goes along.

import { byId } from "./dom.js";

if (location.hash) byId("next").value += location.hash;
