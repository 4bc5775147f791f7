// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {JobStatus, PackedJob} from "../types/Job.sol";

/// @title Reading and writing a job's slot
library Jobs {
    uint8 private constant STATUS_AT = 40;

    function pack(bytes26 termsHash_, JobStatus status_, uint40 time_) internal pure returns (PackedJob) {
        return PackedJob.wrap(uint256(bytes32(termsHash_)) | uint256(status_) << STATUS_AT | time_);
    }

    /// @return the same terms in another status
    function with(PackedJob job, JobStatus status_, uint40 time_) internal pure returns (PackedJob) {
        return pack(termsHash(job), status_, time_);
    }

    function termsHash(PackedJob job) internal pure returns (bytes26) {
        // The highest 26 bytes.
        // forge-lint: disable-next-line(unsafe-typecast)
        return bytes26(bytes32(PackedJob.unwrap(job)));
    }

    function status(PackedJob job) internal pure returns (JobStatus) {
        // One byte above the time.
        // forge-lint: disable-next-line(unsafe-typecast)
        return JobStatus(uint8(PackedJob.unwrap(job) >> STATUS_AT));
    }

    function time(PackedJob job) internal pure returns (uint40) {
        // The lowest five bytes.
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint40(PackedJob.unwrap(job));
    }
}
