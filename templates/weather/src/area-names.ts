/** Short and other names of countries, and the codes that Open-Meteo knows them by. Folded: lower case, no dots. */
const COUNTRY_CODES: Readonly<Record<string, string>> = {
  uk: "gb",
  "great britain": "gb",
  britain: "gb",
  usa: "us",
  america: "us",
  "united states of america": "us",
  uae: "ae",
};

/** The codes that people write for states of the United States (ANSI INCITS 38), with the District of Columbia. */
const STATES = new Map(
  (
    "al alabama,ak alaska,az arizona,ar arkansas,ca california,co colorado,ct connecticut,de delaware," +
    "dc district of columbia,fl florida,ga georgia,hi hawaii,id idaho,il illinois,in indiana,ia iowa,ks kansas," +
    "ky kentucky,la louisiana,me maine,md maryland,ma massachusetts,mi michigan,mn minnesota,ms mississippi," +
    "mo missouri,mt montana,ne nebraska,nv nevada,nh new hampshire,nj new jersey,nm new mexico,ny new york," +
    "nc north carolina,nd north dakota,oh ohio,ok oklahoma,or oregon,pa pennsylvania,ri rhode island," +
    "sc south carolina,sd south dakota,tn tennessee,tx texas,ut utah,vt vermont,va virginia,wa washington," +
    "wv west virginia,wi wisconsin,wy wyoming"
  )
    .split(",")
    .map((state) => [state.slice(0, 2), state.slice(3)]),
);

/** The ISO 3166-1 alpha-2 code of a country that goes by another name too, such as `uk`; folded, as is the answer. */
export function countryCodeOf(name: string): string | undefined {
  return Object.hasOwn(COUNTRY_CODES, name) ? COUNTRY_CODES[name] : undefined;
}

/** The state of the United States that a code such as `ny` stands for; folded, as is the answer. */
export function stateOf(code: string): string | undefined {
  return STATES.get(code);
}
