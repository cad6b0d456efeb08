// The view in the address bar: changing it makes an entry of the history, so that Back takes it back.
import { useCallback, useEffect, useState } from "preact/hooks";
import { parseView, printView, type View } from "./view";

export type ChangeView = (next: View, how?: "push" | "replace") => void;

export function useView(): [View, ChangeView] {
  const [view, setView] = useState(() => parseView(location.search));
  useEffect(() => {
    const onBack = () => setView(parseView(location.search));
    addEventListener("popstate", onBack);
    return () => removeEventListener("popstate", onBack);
  }, []);
  const change = useCallback<ChangeView>((next, how = "push") => {
    const address = location.pathname + printView(next);
    if (address === location.pathname + location.search) return;
    if (how === "push") history.pushState(null, "", address);
    else history.replaceState(null, "", address);
    setView(next);
  }, []);
  return [view, change];
}
