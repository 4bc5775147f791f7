// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAccessControl, TeamRole} from "../interfaces/IAccessControl.sol";
import {TeamId} from "../types/Ids.sol";

/// @dev Teams, their members, and what each may lock in a period.
abstract contract Teams is IAccessControl {
    struct Team {
        // slot 0 (29 bytes)
        uint32 admins;
        uint32 period;
        /// Of the period that `spent` is of. Later periods follow from it.
        uint40 periodStart;
        uint64 limit;
        uint64 spent;
        // slot 1
        mapping(address member => Member) members;
    }

    struct Member {
        // slot 0 (22 bytes)
        TeamRole role;
        /// The start of the team's period that `spent` is of.
        uint40 periodStart;
        uint64 limit;
        uint64 spent;
    }

    uint32 private constant FIRST_PERIOD = 30 days;
    uint32 private constant SHORTEST_PERIOD = 1 hours;
    uint32 private constant LONGEST_PERIOD = 366 days;

    /// @inheritdoc IAccessControl
    uint64 public constant NO_LIMIT = type(uint64).max;

    /// @inheritdoc IAccessControl
    address public immutable JOB_REGISTRY;

    /// @inheritdoc IAccessControl
    uint32 public teamCount;

    mapping(TeamId team => Team) private _teams;

    modifier onlyJobRegistry() {
        _checkJobRegistry();
        _;
    }

    /// @param jobRegistry need not be deployed yet; it refuses to be when it is not the one meant here
    constructor(address jobRegistry) {
        JOB_REGISTRY = jobRegistry;
    }

    /* MEMBERS */

    /// @inheritdoc IAccessControl
    function createTeam(string calldata name) external returns (TeamId team) {
        // Check
        require(bytes(name).length > 0, EmptyTeamName());

        // Effect
        team = TeamId.wrap(++teamCount);
        Team storage stored = _teams[team];
        stored.admins = 1;
        stored.period = FIRST_PERIOD;
        stored.periodStart = uint40(block.timestamp);
        stored.limit = NO_LIMIT;
        stored.members[msg.sender] = Member({role: TeamRole.Admin, periodStart: 0, limit: NO_LIMIT, spent: 0});
        emit TeamCreated({team: team, admin: msg.sender, name: name});
        emit MemberSet({team: team, member: msg.sender, role: TeamRole.Admin, by: msg.sender});
        emit TeamBudgetSet({team: team, limit: NO_LIMIT, period: FIRST_PERIOD, by: msg.sender});
        emit MemberBudgetSet({team: team, member: msg.sender, limit: NO_LIMIT, by: msg.sender});
    }

    /// @inheritdoc IAccessControl
    function renameTeam(TeamId team, string calldata name) external {
        // Check
        checkTeamRole(msg.sender, team, TeamRole.Admin);
        require(bytes(name).length > 0, EmptyTeamName());

        // Effect
        emit TeamRenamed({team: team, name: name});
    }

    /// @inheritdoc IAccessControl
    function setMember(TeamId team, address member, TeamRole role) external {
        // Check
        bool leaves = member == msg.sender && role == TeamRole.None && _teams[team].members[member].role != TeamRole.None;
        if (!leaves) checkTeamRole(msg.sender, team, TeamRole.Admin);

        _setMember(team, member, role);
    }

    /// @inheritdoc IAccessControl
    function setMemberWithBudget(TeamId team, address member, TeamRole role, uint64 limit) external {
        // Check
        checkTeamRole(msg.sender, team, TeamRole.Admin);

        _setMember(team, member, role);
        _setMemberBudget(team, member, limit);
    }

    /* BUDGETS */

    /// @inheritdoc IAccessControl
    function setTeamBudget(TeamId team, uint64 limit, uint32 period) external {
        // Check
        checkTeamRole(msg.sender, team, TeamRole.Admin);
        require(period >= SHORTEST_PERIOD && period <= LONGEST_PERIOD, InvalidPeriod(period, SHORTEST_PERIOD, LONGEST_PERIOD));

        // Effect
        Team storage stored = _teams[team];
        (uint40 start, uint64 spent) = _current(stored);
        // Another length begins a new period, unless this very second did already: periods are told apart by their starts.
        if (period != stored.period && start != block.timestamp) (start, spent) = (uint40(block.timestamp), 0);
        (stored.period, stored.periodStart, stored.spent, stored.limit) = (period, start, spent, limit);
        emit TeamBudgetSet({team: team, limit: limit, period: period, by: msg.sender});
    }

    /// @inheritdoc IAccessControl
    function setMemberBudget(TeamId team, address member, uint64 limit) external {
        // Check
        checkTeamRole(msg.sender, team, TeamRole.Admin);

        _setMemberBudget(team, member, limit);
    }

    /// @inheritdoc IAccessControl
    function spend(TeamId team, address member, uint64 amount) external onlyJobRegistry {
        _spend(team, member, amount);
    }

    /// @inheritdoc IAccessControl
    function restore(TeamId team, address member, uint64 amount, uint40 spentAt) external onlyJobRegistry {
        Team storage stored = _teams[team];
        (uint40 start, uint64 teamSpent) = _current(stored);
        // What was counted in an older period is over and done with. In a period's first second nobody can tell which one it was.
        if (spentAt <= start) return;

        // Effect
        Member storage person = stored.members[member];
        uint64 memberSpent = _restored(_spentIn(person, start), amount);
        teamSpent = _restored(teamSpent, amount);
        _setSpent(stored, person, start, memberSpent, teamSpent);
        emit BudgetUsed({team: team, member: member, memberSpent: memberSpent, teamSpent: teamSpent});
    }

    /* VIEWS */

    /// @inheritdoc IAccessControl
    function roleOf(TeamId team, address member) external view returns (TeamRole) {
        return _teams[team].members[member].role;
    }

    /// @inheritdoc IAccessControl
    function teamBudget(TeamId team) external view returns (Budget memory budget, uint32 period, uint40 periodStart) {
        Team storage stored = _teams[team];
        require(stored.admins > 0, UnknownTeam(team));
        (periodStart, budget.spent) = _current(stored);
        budget.limit = stored.limit;
        period = stored.period;
    }

    /// @inheritdoc IAccessControl
    function memberBudget(TeamId team, address member) external view returns (Budget memory budget) {
        Team storage stored = _teams[team];
        require(stored.admins > 0, UnknownTeam(team));
        (uint40 start,) = _current(stored);
        Member storage person = stored.members[member];
        return Budget({limit: person.limit, spent: _spentIn(person, start)});
    }

    /// @inheritdoc IAccessControl
    function checkTeamRole(address caller, TeamId team, TeamRole required) public view {
        TeamRole held = _teams[team].members[caller].role;
        if (held < required) _refuse(team, caller, required, held);
    }

    /* INTERNAL */

    function _mayUse(address person, TeamId team) internal view returns (bool) {
        return TeamId.unwrap(team) == 0 || _teams[team].members[person].role >= TeamRole.User;
    }

    /// @dev Counts `amount` in the budgets of the team and of the member, who has to be a User.
    function _spend(TeamId team, address member, uint64 amount) internal {
        Team storage stored = _teams[team];
        Member storage person = stored.members[member];

        // Check
        TeamRole role = person.role;
        if (role < TeamRole.User) _refuse(team, member, TeamRole.User, role);
        (uint40 start, uint64 teamSpent) = _current(stored);
        (uint64 limit, uint64 memberSpent) = (person.limit, _spentIn(person, start));
        require(_fits(amount, memberSpent, limit), MemberBudgetExceeded(team, member, limit, memberSpent, amount));
        limit = stored.limit;
        require(_fits(amount, teamSpent, limit), TeamBudgetExceeded(team, limit, teamSpent, amount));

        // Effect
        (memberSpent, teamSpent) = (memberSpent + amount, teamSpent + amount);
        _setSpent(stored, person, start, memberSpent, teamSpent);
        emit BudgetUsed({team: team, member: member, memberSpent: memberSpent, teamSpent: teamSpent});
    }

    function _checkJobRegistry() private view {
        require(msg.sender == JOB_REGISTRY, NotJobRegistry(msg.sender));
    }

    function _setMember(TeamId team, address member, TeamRole role) private {
        Team storage stored = _teams[team];
        Member storage person = stored.members[member];
        TeamRole held = person.role;

        // Check
        require(member != address(0), ZeroMember());
        bool losesAdmin = held == TeamRole.Admin && role != TeamRole.Admin;
        require(!losesAdmin || stored.admins > 1, LastAdmin(team, member));

        // Effect
        if (losesAdmin) --stored.admins;
        else if (held != TeamRole.Admin && role == TeamRole.Admin) ++stored.admins;
        person.role = role;
        emit MemberSet({team: team, member: member, role: role, by: msg.sender});
        if (held != TeamRole.None || role == TeamRole.None) return;
        // What somebody who left and came back spent in this period stays spent.
        person.limit = NO_LIMIT;
        emit MemberBudgetSet({team: team, member: member, limit: NO_LIMIT, by: msg.sender});
    }

    function _setMemberBudget(TeamId team, address member, uint64 limit) private {
        Member storage person = _teams[team].members[member];

        // Check
        require(person.role != TeamRole.None, TeamRoleRequired(team, member, TeamRole.Viewer, TeamRole.None));

        // Effect
        person.limit = limit;
        emit MemberBudgetSet({team: team, member: member, limit: limit, by: msg.sender});
    }

    /// @return start of the period that it is now, and what was spent in it
    function _current(Team storage stored) private view returns (uint40 start, uint64 spent) {
        (uint40 known, uint32 period) = (stored.periodStart, stored.period);
        uint256 since = block.timestamp - known;
        if (since < period) return (known, stored.spent);
        // At most now.
        // forge-lint: disable-next-line(unsafe-typecast)
        return (uint40(block.timestamp - since % period), 0);
    }

    function _spentIn(Member storage person, uint40 start) private view returns (uint64) {
        return person.periodStart == start ? person.spent : 0;
    }

    function _setSpent(Team storage stored, Member storage person, uint40 start, uint64 memberSpent, uint64 teamSpent) private {
        (person.periodStart, person.spent) = (start, memberSpent);
        (stored.periodStart, stored.spent) = (start, teamSpent);
    }

    /// @dev Never more than was spent; a way out must not fail here, so it is not left to checked arithmetic.
    function _restored(uint64 spent, uint64 amount) internal pure virtual returns (uint64) {
        if (spent <= amount) return 0;
        unchecked {
            // Just compared.
            return spent - amount;
        }
    }

    /// @dev A limit that was lowered may stand below what was spent.
    function _fits(uint64 amount, uint64 spent, uint64 limit) private pure returns (bool) {
        return spent <= limit && amount <= limit - spent;
    }

    function _refuse(TeamId team, address caller, TeamRole required, TeamRole held) private view {
        // A team always has an Admin, so one without was never made.
        require(_teams[team].admins > 0, UnknownTeam(team));
        revert TeamRoleRequired(team, caller, required, held);
    }
}
