// Pages that list or describe something: drugs, claims, gene sets.

import { filterLists } from "./filters.js";
import { whenOpen } from "./page.js";
import { sortTables } from "./sorting.js";

whenOpen(() => {
  sortTables(document);
  filterLists(document);
});
