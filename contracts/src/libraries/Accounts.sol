// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Account, TeamId} from "../types/Ids.sol";

/// @title Who an Account is
/// @dev A person is its address; a team is its id above 160 zero bits. The two never meet, because team ids start at 1.
library Accounts {
    uint8 private constant ADDRESS_BITS = 160;

    function ofPerson(address person) internal pure returns (Account) {
        return Account.wrap(uint160(person));
    }

    function ofTeam(TeamId team) internal pure returns (Account) {
        return Account.wrap(uint192(TeamId.unwrap(team)) << ADDRESS_BITS);
    }

    /// @return who pays for a job: its team, or without one the requester
    function ofPayer(address requester, TeamId team) internal pure returns (Account) {
        return TeamId.unwrap(team) == 0 ? ofPerson(requester) : ofTeam(team);
    }

    /// @return the team that the account belongs to, 0 for a person
    function teamOf(Account account) internal pure returns (TeamId) {
        // The shift leaves 32 bits.
        // forge-lint: disable-next-line(unsafe-typecast)
        return TeamId.wrap(uint32(Account.unwrap(account) >> ADDRESS_BITS));
    }

    /// @return whether the account is exactly one person or exactly one team
    function isValid(Account account) internal pure returns (bool) {
        uint192 raw = Account.unwrap(account);
        return raw != 0 && (raw >> ADDRESS_BITS == 0 || raw << (192 - ADDRESS_BITS) == 0);
    }
}
