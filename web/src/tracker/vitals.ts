// Web vitals, for pages whose tracker has data-vitals: measured by Google's library, reported by the tracker.
import { onCLS, onFCP, onINP, onLCP, onTTFB } from "web-vitals";

for (const observe of [onCLS, onFCP, onINP, onLCP, onTTFB])
  observe(({ name, value }) => window.liveinsight?.vital?.(name.toLowerCase(), Math.round(value * 1e4) / 1e4));
