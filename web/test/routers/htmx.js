// Pages of a server whose links htmx follows (hx-boost): it puts the new page's body in place of the old one's.
import "htmx.org";
