import type { Continent } from '../tables.ts';

/** ISO 3166-1 countries by the continents of the UN's M49 scheme (which counts Cyprus and Türkiye to Asia, Russia to Europe). */

export interface Country {
	/** Alpha-2: `DE`. */
	code: string;
	/** Alpha-3: `DEU`. */
	alpha3: string;
	name: string;
	continent: Continent;
}

const TABLE: [Continent, string][] = [
	[
		'africa',
		'AO AGO Angola|BF BFA Burkina Faso|BI BDI Burundi|BJ BEN Benin|BW BWA Botswana|CD COD DR Congo|' +
			"CF CAF Central African Republic|CG COG Congo|CI CIV Côte d'Ivoire|CM CMR Cameroon|CV CPV Cape Verde|" +
			'DJ DJI Djibouti|DZ DZA Algeria|EG EGY Egypt|EH ESH Western Sahara|ER ERI Eritrea|ET ETH Ethiopia|' +
			'GA GAB Gabon|GH GHA Ghana|GM GMB Gambia|GN GIN Guinea|GQ GNQ Equatorial Guinea|GW GNB Guinea-Bissau|' +
			'IO IOT British Indian Ocean Territory|KE KEN Kenya|KM COM Comoros|LR LBR Liberia|LS LSO Lesotho|' +
			'LY LBY Libya|MA MAR Morocco|MG MDG Madagascar|ML MLI Mali|MR MRT Mauritania|MU MUS Mauritius|' +
			'MW MWI Malawi|MZ MOZ Mozambique|NA NAM Namibia|NE NER Niger|NG NGA Nigeria|RE REU Réunion|RW RWA Rwanda|' +
			'SC SYC Seychelles|SD SDN Sudan|SH SHN St Helena|SL SLE Sierra Leone|SN SEN Senegal|SO SOM Somalia|' +
			'SS SSD South Sudan|ST STP Sao Tome & Principe|SZ SWZ Eswatini|TD TCD Chad|' +
			'TF ATF French Southern Territories|TG TGO Togo|TN TUN Tunisia|TZ TZA Tanzania|UG UGA Uganda|' +
			'YT MYT Mayotte|ZA ZAF South Africa|ZM ZMB Zambia|ZW ZWE Zimbabwe',
	],
	['antarctica', 'AQ ATA Antarctica'],
	[
		'asia',
		'AE ARE United Arab Emirates|AF AFG Afghanistan|AM ARM Armenia|AZ AZE Azerbaijan|BD BGD Bangladesh|' +
			'BH BHR Bahrain|BN BRN Brunei|BT BTN Bhutan|CN CHN China|CY CYP Cyprus|GE GEO Georgia|HK HKG Hong Kong|' +
			'ID IDN Indonesia|IL ISR Israel|IN IND India|IQ IRQ Iraq|IR IRN Iran|JO JOR Jordan|JP JPN Japan|' +
			'KG KGZ Kyrgyzstan|KH KHM Cambodia|KP PRK North Korea|KR KOR South Korea|KW KWT Kuwait|KZ KAZ Kazakhstan|' +
			'LA LAO Laos|LB LBN Lebanon|LK LKA Sri Lanka|MM MMR Myanmar|MN MNG Mongolia|MO MAC Macao|MV MDV Maldives|' +
			'MY MYS Malaysia|NP NPL Nepal|OM OMN Oman|PH PHL Philippines|PK PAK Pakistan|PS PSE Palestine|' +
			'QA QAT Qatar|SA SAU Saudi Arabia|SG SGP Singapore|SY SYR Syria|TH THA Thailand|TJ TJK Tajikistan|' +
			'TL TLS East Timor|TM TKM Turkmenistan|TR TUR Türkiye|TW TWN Taiwan|UZ UZB Uzbekistan|VN VNM Vietnam|' +
			'YE YEM Yemen',
	],
	[
		'europe',
		'AD AND Andorra|AL ALB Albania|AT AUT Austria|AX ALA Åland Islands|BA BIH Bosnia & Herzegovina|' +
			'BE BEL Belgium|BG BGR Bulgaria|BY BLR Belarus|CH CHE Switzerland|CZ CZE Czech Republic|DE DEU Germany|' +
			'DK DNK Denmark|EE EST Estonia|ES ESP Spain|FI FIN Finland|FO FRO Faroe Islands|FR FRA France|' +
			'GB GBR United Kingdom|GG GGY Guernsey|GI GIB Gibraltar|GR GRC Greece|HR HRV Croatia|HU HUN Hungary|' +
			'IE IRL Ireland|IM IMN Isle of Man|IS ISL Iceland|IT ITA Italy|JE JEY Jersey|LI LIE Liechtenstein|' +
			'LT LTU Lithuania|LU LUX Luxembourg|LV LVA Latvia|MC MCO Monaco|MD MDA Moldova|ME MNE Montenegro|' +
			'MK MKD North Macedonia|MT MLT Malta|NL NLD Netherlands|NO NOR Norway|PL POL Poland|PT PRT Portugal|' +
			'RO ROU Romania|RS SRB Serbia|RU RUS Russia|SE SWE Sweden|SI SVN Slovenia|SJ SJM Svalbard & Jan Mayen|' +
			'SK SVK Slovakia|SM SMR San Marino|UA UKR Ukraine|VA VAT Vatican City',
	],
	[
		'north-america',
		'AG ATG Antigua & Barbuda|AI AIA Anguilla|AW ABW Aruba|BB BRB Barbados|BL BLM St Barthelemy|' +
			'BM BMU Bermuda|BQ BES Caribbean Netherlands|BS BHS Bahamas|BZ BLZ Belize|CA CAN Canada|CR CRI Costa Rica|' +
			'CU CUB Cuba|CW CUW Curaçao|DM DMA Dominica|DO DOM Dominican Republic|GD GRD Grenada|GL GRL Greenland|' +
			'GP GLP Guadeloupe|GT GTM Guatemala|HN HND Honduras|HT HTI Haiti|JM JAM Jamaica|KN KNA St Kitts & Nevis|' +
			'KY CYM Cayman Islands|LC LCA St Lucia|MF MAF St Martin|MQ MTQ Martinique|MS MSR Montserrat|MX MEX Mexico|' +
			'NI NIC Nicaragua|PA PAN Panama|PM SPM St Pierre & Miquelon|PR PRI Puerto Rico|SV SLV El Salvador|' +
			'SX SXM Sint Maarten|TC TCA Turks & Caicos Islands|TT TTO Trinidad & Tobago|US USA United States|' +
			'VC VCT St Vincent & the Grenadines|VG VGB British Virgin Islands|VI VIR US Virgin Islands',
	],
	[
		'oceania',
		'AS ASM American Samoa|AU AUS Australia|CC CCK Cocos (Keeling) Islands|CK COK Cook Islands|' +
			'CX CXR Christmas Island|FJ FJI Fiji|FM FSM Micronesia|GU GUM Guam|HM HMD Heard & McDonald Islands|' +
			'KI KIR Kiribati|MH MHL Marshall Islands|MP MNP Northern Mariana Islands|NC NCL New Caledonia|' +
			'NF NFK Norfolk Island|NR NRU Nauru|NU NIU Niue|NZ NZL New Zealand|PF PYF French Polynesia|' +
			'PG PNG Papua New Guinea|PN PCN Pitcairn|PW PLW Palau|SB SLB Solomon Islands|TK TKL Tokelau|TO TON Tonga|' +
			'TV TUV Tuvalu|UM UMI US minor outlying islands|VU VUT Vanuatu|WF WLF Wallis & Futuna|WS WSM Samoa',
	],
	[
		'south-america',
		'AR ARG Argentina|BO BOL Bolivia|BR BRA Brazil|BV BVT Bouvet Island|CL CHL Chile|CO COL Colombia|' +
			'EC ECU Ecuador|FK FLK Falkland Islands|GF GUF French Guiana|GS SGS South Georgia|GY GUY Guyana|' +
			'PE PER Peru|PY PRY Paraguay|SR SUR Suriname|UY URY Uruguay|VE VEN Venezuela',
	],
];

/** Every country, by code. */
export const COUNTRIES: readonly Country[] = TABLE.flatMap(([continent, rows]) =>
	rows.split('|').map((row) => ({ code: row.slice(0, 2), alpha3: row.slice(3, 6), name: row.slice(7), continent })),
).sort((a, b) => (a.code < b.code ? -1 : 1));

const byCode = new Map(COUNTRIES.map((country) => [country.code, country]));
const byAlpha3 = new Map(COUNTRIES.map((country) => [country.alpha3, country]));

/** The country of an ISO code of two or three capitals. */
export function countryOf(code: string): Country | undefined {
	return byCode.get(code) ?? byAlpha3.get(code);
}
