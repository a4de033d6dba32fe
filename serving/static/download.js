// Files that this page makes itself, and hands to whoever looks at it.

// save("plot.csv", new Blob([...])) or save("plot.png", "data:...")
export function save(name, content) {
  const isBlob = content instanceof Blob;
  const address = isBlob ? URL.createObjectURL(content) : content;
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  if (isBlob) setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

// A name of a file from any words: "Genes of 17-AAG" -> "cupromark-genes-of-17-aag.csv"
export function fileName(words, ending) {
  const plain = words.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-|-$/g, "");
  return `cupromark-${plain.slice(0, 80) || "plot"}.${ending}`;
}
