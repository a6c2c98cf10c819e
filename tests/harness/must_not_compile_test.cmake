# The must-not-compile check refuses claims that prove nothing. -DCHECK=CheckMustNotCompile.cmake -DCXX= -DID= -DWORK=folder
cmake_minimum_required(VERSION 3.25)

# planted(<name> <source> <what the refusal must match, or empty for a sound claim>)
function(planted name text wanted)
  file(WRITE ${WORK}/${name}.cpp "${text}\n")
  execute_process(
    COMMAND ${CMAKE_COMMAND} -DCXX=${CXX} -DID=${ID} -DSRC=${WORK}/${name}.cpp -DFLAGS= -P ${CHECK}
    RESULT_VARIABLE failed ERROR_VARIABLE said)
  if(wanted STREQUAL "" AND failed)
    message(SEND_ERROR "${name}: a sound claim, but refused:\n${said}")
  elseif(NOT wanted STREQUAL "" AND (NOT failed OR NOT said MATCHES "${wanted}"))
    message(SEND_ERROR "${name}: wanted a refusal '${wanted}', got:\n${said}")
  endif()
endfunction()

set(twins "struct Owner { Owner() = default; Owner(const Owner&) = delete; };
Owner first;
#ifdef TENON_BAD
Owner second = first;
#else
Owner& second = first;
#endif")
string(REPLACE "= first" "= frist" typo "${twins}")
string(REPLACE "Owner& second" "Owner& second()" rotten "${twins}")
string(REPLACE "(const Owner&) = delete" "(const Owner&) {}" compiles "${twins}")

planted(sound "// EXPECT: deleted\n// EXPECT: [Oo]wner; *|Owner[&]\n${twins}" "")
planted(each_compiler "// EXPECT-GCC: use of deleted\n// EXPECT-CLANG: call to deleted\n${twins}" "")
planted(flagged "// EXPECT: deleted\n// FLAGS: -DX=1 -DY=2\nstatic_assert(X + Y == 3);\n${twins}" "")
planted(typo "// EXPECT: deleted\n${typo}" "does not compile")
string(REPLACE "Owner second = first" "Owner second = frist" typo_in_bad "${twins}")
planted(typo_in_bad "// EXPECT: deleted\n${typo_in_bad}" "fails for another reason")
planted(rotten "// EXPECT: deleted\n${rotten}" "good twin does not compile")
planted(compiles "// EXPECT: deleted\n${compiles}" "bad twin compiles")
planted(no_claim "${twins}" "no '// EXPECT: <regex>' line")
planted(second_claim_wrong "// EXPECT: deleted\n// EXPECT: nobody says this\n${twins}" "wanted 'nobody says this'")
planted(first_line "// FIRST: (deleted|Owner second)\n${twins}" "")
planted(not_in_first_line "// FIRST: candidate\n${twins}" "wanted 'candidate'")
planted(second_error "// FIRST: undeclared|not declared\n${twins}\n#ifdef TENON_BAD\nOwner third = frist;\n#endif"
        "wanted 'undeclared")
if(ID STREQUAL "GNU")
  planted(other_compiler "// ONLY: clang\n// EXPECT: nobody says this\n${twins}" "")
else()
  planted(other_compiler "// ONLY: gcc\n// EXPECT: nobody says this\n${twins}" "")
endif()
