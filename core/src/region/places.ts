/** States, provinces and cities by country, as sources write them: letters only, lower case. */

/** Georgia is not here: it is a country too. */
const PROVINCES: Record<string, string> = {
	AU: 'newsouthwales queensland',
	CA: 'ontario quebec alberta britishcolumbia manitoba saskatchewan novascotia newbrunswick newfoundland',
	DE: 'bavaria bayern hesse hessen saxony sachsen brandenburg thuringia badenwurttemberg northrhinewestphalia nordrheinwestfalen lowersaxony',
	FR: 'iledefrance hautsdefrance',
	GB: 'england scotland wales northernireland greatbritain',
	IN: 'maharashtra karnataka telangana tamilnadu haryana gujarat uttarpradesh',
	US:
		'alabama alaska arizona arkansas california colorado connecticut delaware florida hawaii idaho illinois indiana iowa kansas kentucky ' +
		'louisiana maine maryland massachusetts michigan minnesota mississippi missouri montana nebraska nevada newhampshire newjersey newmexico ' +
		'newyork northcarolina northdakota ohio oklahoma oregon pennsylvania rhodeisland southcarolina southdakota tennessee texas utah vermont ' +
		'virginia washington westvirginia wisconsin wyoming ' +
		// How Paperspace and others name halves of it.
		'eastcoast westcoast',
};

const CITIES: Record<string, string> = {
	AE: 'dubai abudhabi',
	AL: 'tirana',
	AR: 'buenosaires',
	AT: 'vienna wien',
	AU: 'sydney melbourne brisbane perth canberra',
	AZ: 'baku',
	BE: 'brussels stghislain',
	BG: 'sofia',
	BR: 'saopaulo riodejaneiro vinhedo',
	CA: 'montreal toronto vancouver calgary beauharnois',
	CH: 'zurich geneva',
	CL: 'santiago valparaiso',
	CN: 'beijing shanghai guangzhou hangzhou shenzhen',
	CO: 'bogota medellin',
	CZ: 'prague praha',
	DE: 'frankfurt berlin munich falkenstein nuremberg dusseldorf hamburg karlsruhe munchen koln cologne',
	DK: 'copenhagen',
	EE: 'tallinn',
	ES: 'madrid barcelona',
	FI: 'helsinki hamina',
	FR: 'paris gravelines strasbourg roubaix marseille',
	GB: 'london manchester slough cardiff erith',
	GE: 'tbilisi',
	HK: 'hongkong',
	HU: 'budapest',
	ID: 'jakarta batam',
	IE: 'dublin',
	IL: 'telaviv haifa jerusalem',
	IN: 'mumbai hyderabad bangalore bengaluru delhi newdelhi chennai pune noida',
	IS: 'reykjavik keflavik',
	IT: 'milan rome turin milano',
	JP: 'tokyo osaka',
	KR: 'seoul busan chuncheon',
	LT: 'vilnius',
	LV: 'riga',
	MA: 'casablanca rabat',
	MD: 'chisinau',
	MT: 'valletta',
	MX: 'queretaro monterrey',
	MY: 'kualalumpur johor kulai',
	NL: 'amsterdam rotterdam eemshaven',
	NO: 'oslo stavanger luster',
	NZ: 'auckland',
	PA: 'panamacity',
	PH: 'manila',
	PL: 'warsaw krakow warszawa',
	PT: 'lisbon',
	RO: 'bucharest',
	RS: 'belgrade jovanovac',
	SA: 'riyadh jeddah',
	SE: 'stockholm smedjebacken lulea',
	SG: 'singapore',
	TH: 'bangkok',
	TN: 'tunis',
	TR: 'istanbul',
	TW: 'taipei',
	UA: 'kyiv',
	US:
		'ashburn newyorkcity chicago dallas houston austin atlanta miami seattle phoenix denver kansascity losangeles sanjose sanfrancisco santaclara ' +
		'lasvegas saltlakecity portland boston columbus desmoines councilbluffs quincy culpeper reston wilmington indianapolis philadelphia ' +
		'minneapolis siliconvalley nashville charlotte raleigh omaha detroit cleveland pittsburgh sacramento sandiego orlando tampa baltimore ' +
		'milwaukee hillsboro cheyenne reno tulsa oklahomacity boise littlerock neworleans',
	ZA: 'johannesburg capetown',
};

/** What sites of one cloud or another are called, most of them after an airport. Words too, so they are read in codes only. */
const SITES: Record<string, string> = {
	AU: 'syd mel',
	BR: 'sao gru',
	CA: 'bhs tor yyz yto mtl yul',
	CH: 'zrh',
	CL: 'scl',
	DE: 'fra fsn nbg ham dus',
	DK: 'cph',
	ES: 'mad',
	FI: 'hel',
	FR: 'par gra sbg rbx cdg mrs',
	GB: 'lon lhr man',
	HK: 'hkg',
	IE: 'dub',
	IL: 'tlv',
	IS: 'ice',
	IN: 'blr bom del maa hyd mum',
	IT: 'mil mxp',
	JP: 'nrt hnd kix itm tyo osa',
	KR: 'icn',
	NL: 'ams',
	NO: 'osl',
	PL: 'waw',
	SE: 'sto arn',
	SG: 'sgp sin',
	TH: 'bkk',
	TW: 'tpe',
	US: 'nyc ny sfo ewr ord atl lax las dfw sjc iad sea mia lga phx den slc pdx cle ash hil',
	ZA: 'jnb cpt',
};

const inverted = (table: Record<string, string>): ReadonlyMap<string, string> =>
	new Map(
		Object.entries(table).flatMap(([country, names]) => names.split(' ').map((name) => [name, country] as const)),
	);

export const PROVINCE_COUNTRIES = inverted(PROVINCES);
export const CITY_COUNTRIES = inverted(CITIES);
export const SITE_COUNTRIES = inverted(SITES);

/** The US' states as post codes write them, with Washington, DC. Half of them are countries' codes too: CA, DE, IL, IN. */
export const US_STATES: ReadonlySet<string> = new Set(
	(
		'AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA ' +
		'WA WV WI WY DC'
	).split(' '),
);

/** Canada's provinces as post codes write them; some are countries' codes too: NL, PE, SK. */
export const CANADIAN_PROVINCES: ReadonlySet<string> = new Set('AB BC MB NB NL NS NT NU ON PE QC SK YT'.split(' '));
