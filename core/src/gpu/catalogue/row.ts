/** A line of the catalogue: `sxm:40,80 pcie:80` are the variants that exist, with the GiB of one card; aliases are lower case, letters and digits only. */
export type Row = [key: string, name: string, variants: string, aliases?: string];
