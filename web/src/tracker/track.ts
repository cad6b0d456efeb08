// Events that somebody asks for: the page by its script, or its tags.
import { record, type Props } from "./event";
import { countView } from "./views";

export const track = (name?: unknown, props?: Props): void => {
  if (!name) return;
  countView(true);
  record(name, { interactive: true }, props);
};
