/** Region codes of clouds that do not carry their country's code or name, by country. */
const REGIONS: Record<string, string> = {
	AE: 'me-central-1',
	AU: 'ap-southeast-2 ap-southeast-4 apac-syd',
	BE: 'europe-west1',
	BH: 'me-south-1',
	BR: 'sa-east-1 southamerica-east1',
	CA: 'ca-central-1 ca-west-1 northamerica-northeast1 northamerica-northeast2',
	CH: 'eu-central-2 europe-west6',
	CL: 'southamerica-west1',
	CN: 'cn-north-1 cn-northwest-1',
	DE: 'eu-central-1 europe-west3 europe-west10 europe-central-1 eusc-de-east-1',
	ES: 'eu-south-2 europe-southwest1',
	FI: 'europe-north1',
	FR: 'eu-west-3 europe-west9',
	GB: 'eu-west-2 europe-west2',
	HK: 'ap-east-1 asia-east2 eastasia',
	ID: 'ap-southeast-3 asia-southeast2',
	IE: 'eu-west-1 eu-ireland northeurope',
	IL: 'il-central-1 me-west1 me-west-1',
	IN: 'ap-south-1 ap-south-2 asia-south1 asia-south2 asia-south-1',
	IT: 'eu-south-1 europe-west8 europe-west12',
	JP: 'ap-northeast-1 ap-northeast-3 apac-tokyo asia-northeast1 asia-northeast2 asia-northeast-1 asia-northeast-2',
	KR: 'ap-northeast-2 asia-northeast3',
	MX: 'mx-central-1 northamerica-south1',
	MY: 'ap-southeast-5',
	NL: 'europe-west4 westeurope',
	NZ: 'ap-southeast-6',
	PL: 'europe-central2',
	QA: 'me-central1',
	SA: 'me-central2',
	SE: 'eu-north-1 europe-north2',
	SG: 'ap-southeast-1 apac-sin asia-southeast1 southeastasia',
	TH: 'ap-southeast-7 asia-southeast3',
	TW: 'ap-east-2 asia-east1',
	US: 'us-east-1 us-east-2 us-west-1 us-west-2 usgovvirginia usgovarizona usgovtexas usdodeast usdodcentral',
	ZA: 'af-south-1 africa-south1',
};

const CLOUD_REGIONS: ReadonlyMap<string, string> = new Map(
	Object.entries(REGIONS).flatMap(([country, codes]) => codes.split(' ').map((code) => [code, country] as const)),
);

const DIRECTIONS: Record<string, string> = { northeast: 'ne', northwest: 'nw', southeast: 'se', southwest: 'sw' };

/** The first half of an AWS zone's id, the same for every account: `use1` of `use1-az4` stands for `us-east-1`. */
const ZONE_PREFIXES: ReadonlyMap<string, string> = new Map(
	[...CLOUD_REGIONS].flatMap(([region, country]) => {
		const parts = /^([a-z]{2})-([a-z]+)-(\d)$/.exec(region);
		if (parts === null) return [];
		const [, area = '', direction = '', number = ''] = parts;
		return [[`${area}${DIRECTIONS[direction] ?? direction.slice(0, 1)}${number}`, country] as const];
	}),
);

/** The country's code of a cloud's region or zone, if it is a known one. */
export function cloudRegion(raw: string): string | undefined {
	const code = raw.trim().toLowerCase();
	return (
		CLOUD_REGIONS.get(code) ??
		// A zone is its region and a letter or number: us-east-1a, europe-west4-b, westeurope-2.
		CLOUD_REGIONS.get(code.replace(/(\d)-?[a-f]$/, '$1')) ??
		CLOUD_REGIONS.get(code.replace(/([a-z])-\d$/, '$1')) ??
		(/-az\d+$/.test(code) ? ZONE_PREFIXES.get(code.replace(/-az\d+$/, '')) : undefined)
	);
}

/** `germanywestcentral`, `centralindia2` -> what is left without the points of the compass: how Azure names regions. */
export function withoutDirections(raw: string): string[] {
	const code = raw.trim().toLowerCase();
	if (!/^[a-z]{5,40}\d?$/.test(code)) return [];
	const tail = code.replace(/(?:north|south|east|west|central)+\d?$/, '');
	const head = code.replace(/^(?:north|south|east|west|central)+/, '').replace(/\d$/, '');
	return [tail, head].filter((name) => name !== '' && name !== code.replace(/\d$/, ''));
}
