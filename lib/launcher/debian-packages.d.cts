/** Debian's packages of what the supervised programs import, each with its whole name: "python3-aiohttp". */
export const debianPython: readonly string[];
