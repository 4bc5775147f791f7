/** Region codes of clouds that do not carry their country's code, by country; and cities as codes and texts name them. */

const REGIONS: Record<string, string> = {
	AE: 'me-central-1 uaenorth uaecentral',
	AU: 'ap-southeast-2 ap-southeast-4 apac-syd australia-southeast1 australia-southeast2 australia-southeast-1 australiaeast australiasoutheast australiacentral australiacentral2',
	AT: 'austriaeast',
	BE: 'europe-west1 belgiumcentral',
	BH: 'me-south-1',
	BR: 'sa-east-1 southamerica-east1 brazilsouth brazilsoutheast',
	CA: 'bhs ca-central-1 ca-west-1 northamerica-northeast1 northamerica-northeast2 canadacentral canadaeast',
	CH: 'eu-central-2 europe-west6 switzerlandnorth switzerlandwest',
	CL: 'southamerica-west1 chilecentral',
	CN: 'cn-north-1 cn-northwest-1 chinaeast chinaeast2 chinanorth chinanorth2 chinanorth3',
	DE: 'eu-central-1 europe-west3 europe-west10 europe-central-1 germanywestcentral germanynorth',
	DK: 'denmarkeast',
	ES: 'eu-south-2 europe-southwest1 spaincentral',
	FI: 'europe-north1',
	FR: 'eu-west-3 europe-west9 francecentral francesouth',
	GB: 'eu-west-2 europe-west2 uksouth ukwest',
	HK: 'ap-east-1 asia-east2 eastasia',
	ID: 'ap-southeast-3 asia-southeast2 indonesiacentral',
	IE: 'eu-west-1 eu-ireland northeurope',
	IL: 'il-central-1 me-west1 me-west-1 israelcentral',
	IN: 'ap-south-1 ap-south-2 asia-south1 asia-south2 asia-south-1 centralindia southindia westindia jioindiawest jioindiacentral',
	IT: 'eu-south-1 europe-west8 europe-west12 italynorth',
	JP: 'ap-northeast-1 ap-northeast-3 apac-tokyo asia-northeast1 asia-northeast2 asia-northeast-1 asia-northeast-2 japaneast japanwest',
	KR: 'ap-northeast-2 asia-northeast3 koreacentral koreasouth',
	MX: 'mx-central-1 northamerica-south1 mexicocentral',
	MY: 'ap-southeast-5 malaysiawest',
	NL: 'europe-west4 westeurope',
	NO: 'norwayeast norwaywest',
	NZ: 'ap-southeast-6 newzealandnorth',
	PL: 'europe-central2 polandcentral',
	QA: 'me-central1 qatarcentral',
	SA: 'me-central2 saudiarabiaeast',
	SE: 'eu-north-1 europe-north2 swedencentral swedensouth',
	SG: 'ap-southeast-1 apac-sin asia-southeast1 southeastasia',
	TH: 'ap-southeast-7 asia-southeast3',
	TW: 'ap-east-2 asia-east1 taiwannorth',
	US: 'us-east-1 us-east-2 us-west-1 us-west-2 eastus eastus2 eastus3 centralus northcentralus southcentralus westcentralus westus westus2 westus3 usgovvirginia usgovarizona usgovtexas',
	ZA: 'af-south-1 africa-south1 southafricanorth southafricawest',
};

const CITIES: Record<string, string> = {
	AE: 'dubai abudhabi',
	AT: 'vienna',
	AU: 'sydney melbourne brisbane perth',
	BE: 'brussels',
	BG: 'sofia',
	BR: 'saopaulo',
	CA: 'montreal toronto vancouver calgary quebec beauharnois mtl tor yyz bhs',
	CH: 'zurich geneva',
	CL: 'santiago',
	CZ: 'prague',
	DE: 'frankfurt berlin munich falkenstein nuremberg dusseldorf hamburg fra',
	DK: 'copenhagen',
	EE: 'tallinn',
	ES: 'madrid barcelona',
	FI: 'helsinki hel',
	FR: 'paris gravelines strasbourg roubaix marseille par gra sbg rbx',
	GB: 'london manchester slough lon lhr',
	HK: 'hongkong',
	ID: 'jakarta',
	IE: 'dublin dub',
	IL: 'telaviv',
	IN: 'mumbai hyderabad bangalore bengaluru delhi chennai pune blr bom',
	IS: 'reykjavik keflavik',
	IT: 'milan rome turin',
	JP: 'tokyo osaka nrt',
	KR: 'seoul busan chuncheon',
	LT: 'vilnius',
	LV: 'riga',
	MX: 'queretaro',
	MY: 'kualalumpur johor',
	NL: 'amsterdam rotterdam ams',
	NO: 'oslo stavanger',
	NZ: 'auckland',
	PL: 'warsaw krakow waw',
	PT: 'lisbon',
	RO: 'bucharest',
	SE: 'stockholm',
	SG: 'singapore sgp',
	TR: 'istanbul',
	TW: 'taipei',
	UA: 'kyiv',
	US: 'ashburn virginia oregon ohio california texas utah iowa nevada arizona illinois washington newyork newjersey chicago dallas houston austin atlanta miami seattle phoenix denver kansascity losangeles sanjose sanfrancisco santaclara lasvegas saltlakecity portland boston columbus desmoines councilbluffs quincy nyc sfo ewr ord atl lax dfw sjc iad sea mia',
	ZA: 'johannesburg capetown',
};

const inverted = (table: Record<string, string>): ReadonlyMap<string, string> =>
	new Map(
		Object.entries(table).flatMap(([country, codes]) => codes.split(' ').map((code) => [code, country] as const)),
	);

/** Region code -> country code. */
export const CLOUD_REGIONS = inverted(REGIONS);

const DIRECTIONS: Record<string, string> = { northeast: 'ne', northwest: 'nw', southeast: 'se', southwest: 'sw' };

/** The first half of an AWS zone's id, the same for every account: `use1` of `use1-az4` stands for `us-east-1`. */
export const ZONE_PREFIXES: ReadonlyMap<string, string> = new Map(
	[...CLOUD_REGIONS].flatMap(([region, country]) => {
		const parts = /^([a-z]{2})-([a-z]+)-(\d)$/.exec(region);
		if (parts === null) return [];
		const [, area = '', direction = '', number = ''] = parts;
		return [[`${area}${DIRECTIONS[direction] ?? direction.slice(0, 1)}${number}`, country] as const];
	}),
);
/** City (letters only, lower case) -> country code. */
export const CITY_COUNTRIES = inverted(CITIES);
