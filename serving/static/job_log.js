// The log: new lines at its end, in view as long as its end is in view.

import { make } from "./dom.js";

const MOST_LINES = 5_000;
const NEAR_PX = 40;

// Returns what adds a line.
export function followLog(log, toEnd) {
  const none = log.querySelector(".log-none");
  const atEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_PX;
  let follows = true;
  let waits = false;
  const end = () => { log.scrollTop = log.scrollHeight; };
  log.addEventListener("scroll", () => {
    follows = atEnd();
    if (follows) toEnd.hidden = true;
  });
  toEnd.addEventListener("click", () => {
    end();
    log.focus({ preventScroll: true });
  });
  end();

  return (line) => {
    none.hidden = true;
    none.before(make("p", { class: line.level },
      make("span", { class: "log-at" }, line.at.slice(11, 19)), ` ${line.text}`));
    if (log.childElementCount > MOST_LINES) log.querySelector("p:not(.help)").remove();
    if (!follows) toEnd.hidden = false;
    else if (!waits) {
      waits = true;
      requestAnimationFrame(() => {
        waits = false;
        if (follows) end();
      });
    }
  };
}
