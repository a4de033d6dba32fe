// What else a report shows, below its sections: comparisons, waterfalls, what-if.
//
// Each of these is called once the report is there, with { record, place, drug }: `record` is what
// GET /v1/reports/{drug} answers, `place` an element of its own to fill. It may draw with plots.js,
// and throw a Refusal, which is shown in its place.

export const further = [];
