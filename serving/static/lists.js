// Pages that list or describe something: drugs, claims, gene sets.

import { filterLists } from "./filters.js";
import { sortTables } from "./sorting.js";

sortTables(document);
filterLists(document);
