import { writeFileSync } from 'node:fs';
import { vectorFiles, vectorText } from '../test/vectors.ts';

for (const [name, content] of Object.entries(vectorFiles())) {
	writeFileSync(new URL(name, import.meta.url), vectorText(content));
}
