// Choosing drugs: all of them, or some that are searched for as one types.

import { byId, make } from "./dom.js";

export function chooseDrugs() {
  const options = [...byId("drug-options").querySelectorAll("input")];
  const lines = options.map((option) => option.closest(".choice"));

  const marked = () => options.filter((option) => option.checked);

  function search() {
    const sought = byId("drug-search").value.trim().toLowerCase();
    let found = 0;
    options.forEach((option, place) => {
      lines[place].hidden = !option.value.toLowerCase().includes(sought);
      if (!lines[place].hidden) found += 1;
    });
    const chosen = marked().length;
    byId("drug-count").textContent =
      (found === 0 ? "No drug has such a name. " : `${found} of ${options.length} shown. `) +
      `${chosen} chosen.`;
  }

  function showChosen() {
    byId("chosen").replaceChildren(...marked().map((option) => {
      const remove = () => {
        option.checked = false;
        showChosen();
        byId("drug-search").focus();
      };
      return make("li", {}, make("button",
        { type: "button", "aria-label": `Remove ${option.value}`, onclick: remove },
        `${option.value} ✕`));
    }));
    if (marked().length) {
      byId("some-drugs").checked = true;
      byId("drugs-wrong").textContent = "";
    }
    search();
  }

  byId("drug-search").addEventListener("input", () => {
    byId("some-drugs").checked = true;
    search();
  });
  byId("drug-search").addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault(); // takes the drug if it is the only one, and never sends the form
    const found = options.filter((_, place) => !lines[place].hidden);
    if (found.length === 1 && !found[0].disabled) {
      found[0].checked = true;
      byId("drug-search").value = "";
      showChosen();
    }
  });
  byId("drug-options").addEventListener("change", showChosen);
  byId("all-drugs").addEventListener("change", () => {
    byId("drugs-wrong").textContent = "";
  });
  const asked = new URLSearchParams(location.search).get("drug");
  for (const option of options) option.checked = option.value === asked && !option.disabled;
  showChosen();

  return {
    // null stands for all that are not withheld
    chosen: () => (byId("all-drugs").checked ? null : marked().map((option) => option.value)),
    isAnswerable: () => byId("all-drugs").checked || marked().length > 0,
    facts: new Map(options.map((option) => [option.value, {
      address: option.dataset.address,
      rocAuc: option.dataset.rocAuc === "" ? null : Number(option.dataset.rocAuc),
    }])),
  };
}
