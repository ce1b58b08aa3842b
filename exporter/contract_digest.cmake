# SPDX-License-Identifier: Apache-2.0
# Sets `result` to a digest of these headers without comments and blanks: all that a plug-in is compiled against. So it
# changes with every change that a compiled plug-in may notice, and nobody has to think of it.
function(contract_digest result)
  set(text "")
  foreach(header ${ARGN})
    file(READ "${header}" part)
    string(APPEND text "${part}\n")
  endforeach()
  string(REGEX REPLACE "(^|[ \t\n])//[^\n]*" "\\1" text "${text}")  # what is like one in "http://a" stays
  string(REGEX REPLACE "[ \t\r\n]+" "" text "${text}")
  string(SHA256 digest "${text}")
  string(SUBSTRING ${digest} 0 16 digest)
  set(${result} ${digest} PARENT_SCOPE)
endfunction()
