const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Text made harmless for HTML. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}

/** The page for a request that is not served: what was wrong, and how to reach the page from another computer. Holds nothing of the request. */
export function refusalPage(says: string, port: number): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Not served here · REC.IO Setup</title><meta name="viewport" content="width=device-width"></head>
<body>
<h1>Not served here.</h1>
<p>${escapeHtml(says)}</p>
<p>From another computer, open a tunnel first and leave it open:</p>
<pre>ssh -L ${port}:localhost:${port} USER@THIS-MACHINE</pre>
<p>Then open <code>http://localhost:${port}/</code> there. The link with its code comes from <code>npm run setup</code> on this machine.</p>
</body>
</html>
`;
}
