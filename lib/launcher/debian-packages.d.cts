/** Module → Debian's packages that it needs, each with its whole name: pytz → "python3-tz". */
export const packagesOfModules: Readonly<Record<string, readonly string[]>>;
/** All of them. */
export const debianPython: readonly string[];
