/* SPDX-License-Identifier: Apache-2.0 */
/* Files of a data set that calls of several processes may write. */
#pragma once

#include <string>

void make_folders(const std::string &path);
/* Until a file is on the disk, no stamp may say that it is there. */
void settle(const std::string &path);
void replace_text(const std::string &path, const std::string &content);
/* Lines with their hash behind them, so that a reader knows whether they are whole. */
void write_list(const std::string &path, const std::string &lines);
/* false: it is not there, or damaged. */
bool read_list(const std::string &path, std::string &lines);

/* A call of another process waits for this one, and finds its work done. */
class turn
{
  public:
    explicit turn(const std::string &folder);
    turn(const turn &) = delete;
    turn &operator=(const turn &) = delete;
    ~turn();

  private:
    int fd_;
};
