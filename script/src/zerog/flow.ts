import { parseAbi } from 'viem';

/** What storage nodes and the SDK use of the Flow contract; the same on 0G's networks and on the local one. */
export const flowAbi = parseAbi([
	'struct SubmissionNode { bytes32 root; uint256 height; }',
	'struct SubmissionData { uint256 length; bytes tags; SubmissionNode[] nodes; }',
	'struct Submission { SubmissionData data; address submitter; }',
	'event Submit(address indexed sender, bytes32 indexed identity, uint256 submissionIndex, uint256 startPos, uint256 length, SubmissionData submission)',
	'error InvalidSubmission()',
	'error NotEnoughFee(uint256 price, uint256 amount, uint256 paid)',
	'function submit(Submission submission) payable returns (uint256 index, bytes32 digest, uint256 startIndex, uint256 length)',
	'function market() view returns (address)',
	'function pricePerSector() view returns (uint256)',
]);
