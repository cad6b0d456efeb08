// Pages of a server whose links Turbo follows: it puts the new page's body in place of the old one's.
import "@hotwired/turbo";
