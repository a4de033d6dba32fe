// Where to read on about the genes of a report: claims here, and public pages by the gene's id.

import { root } from "./ask.js";
import { make } from "./dom.js";

const MOST = 15;

export function geneLinks(selection) {
  const genes = selection.genes.filter((one) => one.kind === "gene");
  const shown = genes.slice(0, MOST);
  const list = make("ul", { class: "gene-links" }, ...shown.map((one) => make("li", {},
    make("strong", {}, one.title), " ", ...between(linksOf(one)))));
  return make("details", {},
    make("summary", {}, `Read on about the ${shown.length} weightiest of ${genes.length} genes`),
    list);
}

function linksOf(gene) {
  const name = encodeURIComponent(gene.name);
  return [
    make("a", { href: `${root}/claims?gene=${name}` }, "claims", unseen(` about ${gene.title}`)),
    gene.entrez && away(`https://www.ncbi.nlm.nih.gov/gene/${encodeURIComponent(gene.entrez)}`,
      "NCBI Gene", gene),
    away(`https://www.genenames.org/tools/search/#!/?query=${name}`, "HGNC", gene),
    gene.ensembl && away(`https://www.ensembl.org/id/${encodeURIComponent(gene.ensembl)}`,
      "Ensembl", gene),
  ].filter(Boolean);
}

const away = (href, words, gene) => make("a", { href, rel: "noopener noreferrer" }, words,
  unseen(` on ${gene.title}`));

const unseen = (words) => make("span", { class: "unseen" }, words);

const between = (links) => links.flatMap((one, at) => (at ? [" · ", one] : [one]));
